// Everything that one deployment of HierEmbed needs, as plain resources: storage, identity and roles, the plan, the function app, its logs,
// and the Event Grid topic that tells the app of uploads. The topic's subscription is made after the deployment (infra/subscribe.sh),
// since it needs a key that the app has only once its functions are there.
targetScope = 'resourceGroup'

@description('Name that resource names are made from: 3 to 16 lower-case letters, digits and hyphens.')
@minLength(3)
@maxLength(16)
param environmentName string

@description('Region. It must offer Flex Consumption.')
param location string = resourceGroup().location

@description('Container that users drop embedding files into.')
param uploadsContainer string = 'embeddings'

@description('Container of everything that the program makes.')
param resultsContainer string = 'hierembed'

// The plan is Flex Consumption: it costs next to nothing while nothing is trained or asked (the sweep looks every five minutes), scales the
// functions that serve apart from those that train, and lets an activity run as long as host.json says (Consumption: 10 minutes at most).
//   memory     4,096 MB: training holds up to HierEmbed__TrainingMemoryBytes of rows (1 GiB: 262,000 of 1,024 dims), twice that while it loads them,
//              and weights and Adam's moments beside them; larger datasets go through a scratch file, for which this plan has little disk.
//              With 2,048 MB set it to a quarter of that.
//   libtorch   half a gigabyte unpacked. A cold start loads it for training only; the functions that serve never do.
//   trigger    Flex takes blob events from Event Grid only, so the polling trigger is disabled below.
//   what else  Elastic Premium EP2 (3.5 GB a core, always warm, some 300 dollars a month) where a cold start is too slow;
//              Container Apps where the package is to be an image.
@description('Memory of an instance, MB.')
@allowed([2048, 4096])
param instanceMemoryMB int = 4096

@description('Instances at most.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Further settings of the app, such as HierEmbed__CodesK. A deployment replaces all settings: what is set elsewhere is gone after it.')
param extraSettings object = {}

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

var suffix = uniqueString(resourceGroup().id, environmentName)
var compactName = toLower(replace(environmentName, '-', ''))
var storageName = take('st${compactName}${suffix}', 24)
var packageContainer = 'app-package'
var tags = { 'azd-env-name': environmentName }

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: storageName
  location: location
  tags: tags
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false // every access is by identity
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource uploads 'containers' = { name: uploadsContainer }
    resource results 'containers' = { name: resultsContainer }
    resource package 'containers' = { name: packageContainer }
  }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${environmentName}-${suffix}'
  location: location
  tags: tags
}

// What the app may do, and no more. Owner and not Contributor on blobs: the host leases and tags blobs of its own with it.
var roles = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // uploads, results, the package, the host's locks
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Durable's work items, the blob trigger's retries
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Durable's histories
}

resource storageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    name: guid(storage.id, identity.id, role.value)
    scope: storage
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${environmentName}-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logRetentionDays
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${environmentName}-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource insightsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${environmentName}-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true } // Linux
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${environmentName}-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: { minTlsVersion: '1.2' }
  }

  // A connection by identity is a prefix with parts: __blobServiceUri and its kin, __credential, __clientId.
  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storage.name
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId
        HierEmbedStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
        HierEmbedStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
        HierEmbedStorage__credential: 'managedidentity'
        HierEmbedStorage__clientId: identity.properties.clientId
        HierEmbed__UploadsContainer: uploadsContainer
        HierEmbed__ResultsContainer: resultsContainer
        'AzureWebJobs.OnEmbeddingsUploaded.Disabled': 'true'
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      },
      extraSettings
    )
    dependsOn: [storageRoles, insightsRole] // the host starts with these settings and needs the roles then
  }
}

resource uploadsTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${environmentName}-${suffix}'
  location: location
  tags: tags
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output AZURE_RESOURCE_GROUP string = resourceGroup().name
output AZURE_SUBSCRIPTION_ID string = subscription().subscriptionId
output AZURE_FUNCTION_APP_NAME string = app.name
output AZURE_FUNCTION_APP_URL string = 'https://${app.properties.defaultHostName}'
output AZURE_STORAGE_ACCOUNT_NAME string = storage.name
output AZURE_EVENT_GRID_TOPIC_NAME string = uploadsTopic.name
output HIEREMBED_UPLOADS_CONTAINER string = uploadsContainer
