import type { Socket } from 'node:net';

import { listen } from '../../listen.js';
import type { Target } from '../api.js';
import { makeCertificates } from './certificates.js';
import { plansFor } from './plans.js';

/** The test servers, each on a free port of 127.0.0.1. */
export interface EmbeddedServers {
  readonly targets: readonly Target[];
  /** The certificate of the authority that the TLS servers' certificates are from, PEM. */
  readonly authority: string;
  find(name: string): Target | undefined;
  /** Ends them, with every connection. */
  close(): void;
}

/** Starts the test servers. */
export async function startEmbedded(): Promise<EmbeddedServers> {
  const certificates = await makeCertificates();
  const plans = plansFor(certificates);
  const sockets = new Set<Socket>();
  const close = (): void => {
    for (const { server } of plans) server.close();
    for (const socket of sockets) socket.destroy();
  };
  try {
    const targets = await Promise.all(
      plans.map(async ({ target, server, scheme, credentials = '' }): Promise<Target> => {
        server.on('connection', (socket: Socket) => {
          sockets.add(socket);
          socket.once('close', () => sockets.delete(socket));
        });
        const { port } = await listen(server);
        return { ...target, url: `${scheme}://${credentials}127.0.0.1:${port}` };
      }),
    );
    return {
      targets,
      authority: certificates.authority,
      find: (wanted) => targets.find(({ name }) => name === wanted),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
