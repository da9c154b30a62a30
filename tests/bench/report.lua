-- SPDX-License-Identifier: ISC
-- For wrk: asks for the paths after "--", one after another, and ends with one
-- line of JSON. Latencies are microseconds.
local paths = {}
local at = 0

function init(args)
	for i = 1, #args do
		paths[i] = wrk.format("GET", args[i])
	end
end

function request()
	if #paths == 0 then
		return wrk.format()
	end
	at = at % #paths + 1
	return paths[at]
end

function done(summary, latency, requests)
	local e = summary.errors
	io.write(string.format(
		'{"requests": %d, "us": %d, "p50": %d, "p99": %d, "max": %d, "bad": %d, "broken": %d}\n',
		summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
