-- SPDX-License-Identifier: ISC
-- For wrk: arguments HOSTS ORDER. HOSTS has a host and a cookie in each line, ORDER numbers of
-- lines: asked one after another. Ends as report.lua does.
local requests = {}
local order = {}
local at = 0

function init(args)
	for line in io.lines(args[1]) do
		local host, cookie = line:match("^(.-)\t(.*)$")
		requests[#requests + 1] = wrk.format("GET", nil, {Host = host, Cookie = cookie})
	end
	for line in io.lines(args[2]) do
		for number in line:gmatch("%d+") do
			order[#order + 1] = tonumber(number)
		end
	end
end

function request()
	at = at % #order + 1
	return requests[order[at]]
end

function done(summary, latency, requests)
	local e = summary.errors
	io.write(string.format(
		'{"requests": %d, "us": %d, "p50": %d, "p99": %d, "max": %d, "bad": %d, "broken": %d}\n',
		summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
