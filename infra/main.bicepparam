using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'hierembed')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
