/** nginx in the foreground, as one process, with everything that it writes below its prefix. */
export function nginxConfiguration(options: {
  readonly folder: string;
  readonly steady: number;
  readonly brief: number;
  /** Milliseconds after which the brief port closes idle connections. */
  readonly timeout: number;
}): string {
  const { folder, steady, brief, timeout } = options;
  return `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  default_type application/octet-stream;
  types { text/plain txt; }
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;

  root "${folder}";
  client_max_body_size 0;
  keepalive_requests 100000;
  keepalive_timeout 600s;
  add_header X-Connection $connection always;
  add_header X-Requests $connection_requests always;
  add_header X-Content-Length $http_content_length always;
  add_header X-Transfer-Encoding $http_transfer_encoding always;

  server {
    listen 127.0.0.1:${steady};
    # A file that is scanned for directives has no known length, and is sent in chunks.
    location /chunked/ { alias "${folder}/"; ssi on; ssi_types *; }
    location /close/ { alias "${folder}/"; keepalive_timeout 0; }
    location /refused/ { client_max_body_size 1k; }
    location /upload/ {
      dav_methods PUT;
      # A POST is turned into a PUT, in a separate request.
      proxy_method PUT;
      proxy_hide_header X-Connection;
      proxy_hide_header X-Requests;
      proxy_hide_header X-Content-Length;
      if ($request_method = POST) { proxy_pass http://127.0.0.1:${steady}; }
    }
  }
  server {
    listen 127.0.0.1:${brief};
    keepalive_timeout ${timeout}ms;
  }
}
`;
}
