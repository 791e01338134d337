/** HAProxy as a reverse proxy, as one process in the foreground. It counts connections and requests of its own. */
export function haproxyConfiguration(options: {
  /** The port of the server behind it. */
  readonly behind: number;
  readonly steady: number;
  readonly brief: number;
  /** Milliseconds after which the brief port closes idle connections. */
  readonly timeout: number;
}): string {
  const { behind, steady, brief, timeout } = options;
  const frontend = (port: number, idle: number): string => `
frontend port-${port}
  bind 127.0.0.1:${port}
  timeout http-request ${idle}ms
  timeout http-keep-alive ${idle}ms
  tcp-request connection set-var(sess.id) uuid
  tcp-request connection set-var(sess.requests) int(0)
  http-request set-var(sess.requests) var(sess.requests),add(1)
  http-request set-var(txn.closes) bool(true) if { path_beg /close/ }
  http-request deny deny_status 413 if { path_beg /refused/ }
  http-after-response set-header X-Connection %[var(sess.id)]
  http-after-response set-header X-Requests %[var(sess.requests)]
  http-after-response set-header Connection close if { var(txn.closes) -m bool }
  default_backend behind
`;
  return `
defaults
  mode http
  timeout connect 30s
  timeout client 600s
  timeout server 600s
${frontend(steady, 600_000)}${frontend(brief, timeout)}
backend behind
  server node 127.0.0.1:${behind}
`;
}
