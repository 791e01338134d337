import {
  HTTPS_PORT,
  HTTPSConnection,
  OK,
  responses,
  type HTTPConnection,
  type HTTPResponse,
} from '@http-client/client';

import { startOrigin } from '../origin.js';
import { bytes } from '../print.js';
import { startProxy } from './proxy.js';
import { demand, demandStatus, objectIn, valueText, type Session, type Stage } from './session.js';

/** Whom the reference's example tunnels to. Here it is a server of the demo's own; nobody is asked for the name. */
const FAR = 'www.python.org';

/** What goes to the proxy alone. */
const FOR_PROXY = { 'User-Agent': 'http-client demo' };

/** The reference's example of `set_tunnel`. */
export const TUNNEL_SESSION: Session = {
  title: `Through the tunnel of a proxy, and TLS within it, to ${FAR}`,
  stage: startStage,
  steps: [
    {
      asks: 'HEAD /index.html',
      ask: (connection) => exchange(connection, 'HEAD', '/index.html'),
      check: (answer) => {
        demandStatus(answer, OK, responses[OK]);
        demand('the length of the body', answer.body.length, 0);
        const agent = answer.proxyHeaders?.get('proxy-agent');
        demand('Proxy-Agent in the answer of the proxy', agent, 'http-client demo');
        return `read() gave ${bytes(0)}; getProxyResponseHeaders() has what the proxy said: Proxy-Agent: ${agent}`;
      },
    },
    {
      asks: 'GET /tls',
      ask: (connection) => exchange(connection, 'GET', '/tls'),
      check: (answer) => {
        demandStatus(answer, OK, responses[OK]);
        const { version, servername, alpn, agent } = objectIn(answer);
        demand('the server name that the origin saw', valueText(servername), FAR);
        demand('the protocol that was agreed on', valueText(alpn), 'http/1.1');
        demand('the User-Agent that the origin saw', valueText(agent), 'null');
        return `${valueText(version)} for ${FAR}, ${valueText(alpn)} by ALPN; what was said to the proxy did not come through`;
      },
    },
  ],
};

/** A server of TLS with a certificate made on the spot, a proxy that leads to it, and a connection that trusts it. */
async function startStage(): Promise<Stage> {
  const identity = await makeIdentity(FAR);
  const origin = await startOrigin(undefined, identity);
  const proxy = await startProxy(`${FAR}:${HTTPS_PORT}`, origin);
  return {
    tells: `the proxy at ${proxy.host}:${proxy.port} leads ${FAR} to ${origin.host}:${origin.port}`,
    connect: (settings) => {
      const connection = new HTTPSConnection(proxy.host, proxy.port, {
        ...settings,
        context: { ca: identity.cert, ALPNProtocols: ['http/1.1'] },
      });
      connection.setTunnel(FAR, undefined, { headers: FOR_PROXY });
      return connection;
    },
    close: async () => {
      await Promise.all([proxy.close(), origin.close()]);
    },
  };
}

/** A certificate for this name, valid for a day and signed by itself, and its key. */
async function makeIdentity(name: string): Promise<{ cert: string; key: string }> {
  // Only here: no other command should wait for it.
  const { generate } = await import('selfsigned');
  const notBeforeDate = new Date(Date.now() - 3_600_000);
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + 86_400_000),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return { cert: made.cert, key: made.private };
}

async function exchange(connection: HTTPConnection, method: string, url: string): Promise<HTTPResponse> {
  await connection.request(method, url);
  return connection.getResponse();
}
