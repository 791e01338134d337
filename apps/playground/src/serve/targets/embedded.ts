import type { AddressInfo, Server, Socket } from 'node:net';

import type { Target } from '../api.js';
import { makeCertificates } from './certificates.js';
import { plansFor } from './plans.js';

/** The servers that there are to aim at, each on a free port of 127.0.0.1. */
export interface EmbeddedServers {
  readonly targets: readonly Target[];
  /** The certificate of the authority behind the TLS servers, PEM. */
  readonly authority: string;
  find(name: string): Target | undefined;
  /** Ends them, with every connection. */
  close(): void;
}

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
        return { ...target, url: `${scheme}://${credentials}127.0.0.1:${await listen(server)}` };
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

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
