-- wrk posts the files that are named after "--", in turn: wrk … -s post_bodies.lua URL -- MEDIA-TYPE FILE …
local requests, at = {}, 0

init = function(arguments)
  for i = 2, #arguments do
    local file = assert(io.open(arguments[i], "rb"))
    requests[i - 1] = wrk.format("POST", nil, { ["Content-Type"] = arguments[1] }, file:read("*a"))
    file:close()
  end
end

request = function()
  at = at % #requests + 1
  return requests[at]
end

-- Requests, microseconds, failures, and microseconds of the median and of the 99th percentile.
done = function(summary, latency)
  local errors = summary.errors
  print(string.format("measured %d %d %d %.0f %.0f", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
