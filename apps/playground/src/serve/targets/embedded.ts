import { listen, type Listening } from '../../listen.js';
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
  close(): Promise<void>;
}

/** Starts the test servers. */
export async function startEmbedded(): Promise<EmbeddedServers> {
  const certificates = await makeCertificates();
  const started: Listening[] = [];
  const targets: Target[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.close()));
  };
  try {
    for (const { target, server, scheme, credentials = '' } of plansFor(certificates)) {
      const listening = await listen(server);
      started.push(listening);
      targets.push({ ...target, url: `${scheme}://${credentials}${listening.host}:${listening.port}` });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    targets,
    authority: certificates.authority,
    find: (wanted) => targets.find(({ name }) => name === wanted),
    close,
  };
}
