import { HTTPS_PORT, HTTPSConnection, OK, responses } from '@http-client/client';

import { makeCertificate } from '../certificate.js';
import { listen } from '../listen.js';
import { startOrigin } from '../origin.js';
import { bytes } from '../print.js';
import { AGENT, proxyServer } from '../proxy-server.js';
import { demand, demandStatus, exchange, objectIn, valueText, type Session, type Stage } from './session.js';

/** The host of the reference's example. Here a server of the demo stands for it, without a DNS lookup. */
const FAR = 'www.python.org';

/** Fields that are sent only to the proxy. */
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
        demand('Proxy-Agent in the response of the proxy', agent, AGENT);
        return `read() gave ${bytes(0)}; getProxyResponseHeaders() has the fields of the proxy: Proxy-Agent: ${agent}`;
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
        return `${valueText(version)} for ${FAR}, ${valueText(alpn)} by ALPN; the fields for the proxy did not reach the origin`;
      },
    },
  ],
};

/**
 * A TLS server with a generated certificate, a proxy that leads to it, and a connection that trusts the certificate.
 */
async function startStage(): Promise<Stage> {
  const identity = await makeCertificate([{ type: 2, value: FAR }]);
  const origin = await startOrigin(undefined, identity);
  const proxy = await listen(
    proxyServer(({ host, port }) => (host === FAR && port === HTTPS_PORT ? origin : ['403 Forbidden'])),
  );
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
