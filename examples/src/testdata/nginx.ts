import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { ORIGINS } from '../../../packages/connection/src/testdata/servers-origins.js';
import { REQUIRED } from '../../../tests/support/programs.js';
import { temporaryFolder } from './stage.js';

const nginx = ORIGINS.find(({ name }) => name === 'nginx')!;

/** Whether its tests are left out: it is not there, and nobody says that it must be. */
export const nginxAbsent = nginx.missing !== undefined && !REQUIRED;

/** nginx on the loopback interface, which serves `folder` and takes what is put below `/upload/`. */
export async function startNginx(): Promise<{ folder: string; port: number }> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'upload'));
  const { server, ports } = await nginx.start(folder);
  onTestFinished(() => server.close());
  return { folder, port: ports.steady };
}
