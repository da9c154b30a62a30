# SPDX-License-Identifier: ISC
"""requests over http.client: what a test asks goes one way to one server, so nothing of
proxies, pools by address and retries is looked up, which takes longer than to ask. What is
streamed, either way, takes the long way round."""
import collections
import http.client
import os
import select
import ssl
import urllib.parse
import zlib

import requests
import requests.adapters
from requests.cookies import extract_cookies_to_jar

_contexts = {}


def context(ca_cert):
    known = ca_cert, os.stat(ca_cert).st_mtime_ns
    if known not in _contexts:
        _contexts[known] = ssl.create_default_context(cafile=ca_cert)
    return _contexts[known]


class _Raw:
    """Of an answer that was read: its headers one by one, and what requests takes cookies from."""

    def __init__(self, answer):
        self._original_response = answer
        self.headers = answer.headers


class Wire(requests.adapters.HTTPAdapter):
    """Connections that are kept, to one origin."""

    def __init__(self, source=None):
        self.source = source
        self.idle = collections.deque()
        super().__init__()

    def init_poolmanager(self, *rest, **named):
        super().init_poolmanager(*rest, source_address=self.source, **named)

    def close(self):
        while self.idle:
            self.idle.pop().close()
        super().close()

    def connection(self, url, verify, timeout):
        while self.idle:
            line = self.idle.pop()
            if line.sock and not select.select([line.sock], [], [], 0)[0]:
                line.sock.settimeout(timeout)
                return line
            line.close()
        place = urllib.parse.urlsplit(url)
        return http.client.HTTPSConnection(place.hostname, place.port, timeout=timeout,
                                           source_address=self.source, context=context(verify))

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        plain = request.body is None or isinstance(request.body, (bytes, str))
        if stream or not plain or not isinstance(verify, str) or not isinstance(timeout, (int, float)):
            return super().send(request, stream, timeout, verify, cert, proxies)
        line = self.connection(request.url, verify, timeout)
        try:
            body = request.body.encode("latin-1") if isinstance(request.body, str) else request.body
            line.putrequest(request.method, request.path_url, skip_host="Host" in request.headers,
                            skip_accept_encoding=True)
            for name, value in request.headers.items():
                line.putheader(name, value)
            try:
                line.endheaders(body)
            except BrokenPipeError:
                pass  # it has heard enough, and says so
            answer = line.getresponse()
            content = answer.read()
        except TimeoutError as error:
            line.close()
            raise requests.exceptions.ReadTimeout(error, request=request) from error
        except (OSError, http.client.HTTPException) as error:
            line.close()
            raise requests.exceptions.ConnectionError(error, request=request) from error
        if line.sock:
            self.idle.append(line)
        return self.response(request, answer, content)

    def response(self, request, answer, content):
        made = requests.Response()
        made.status_code, made.reason = answer.status, answer.reason
        for name, value in answer.headers.raw_items():
            made.headers[name] = f"{made.headers[name]}, {value}" if name in made.headers else value
        if made.headers.get("Content-Encoding") == "gzip" and content:
            content = zlib.decompress(content, zlib.MAX_WBITS | 16)
        made._content, made._content_consumed = content, True
        made.raw = _Raw(answer)
        made.encoding = requests.utils.get_encoding_from_headers(made.headers)
        made.url, made.request, made.connection = request.url, request, self
        extract_cookies_to_jar(made.cookies, request, made.raw)
        return made
