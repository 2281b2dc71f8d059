-- Sends the prepared requests in turn; a run of @ becomes a number never sent before.
local requests, fresh, place, number = {}, false, 0, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for text in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = text
  end
  fresh = requests[1]:find("@@@@@@@@@@@@", 1, true) ~= nil
  number = tonumber(args[2])
end

function request()
  place = place % #requests + 1
  if not fresh then
    return requests[place]
  end
  number = number + 1
  return (requests[place]:gsub("@@@@@@@@@@@@", string.format("%012d", number)))
end

function done(summary, latency, _)
  local failed = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "p50": %f, "p99": %f, "mean": %f, '
      .. '"refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.mean / 1e3,
    failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
