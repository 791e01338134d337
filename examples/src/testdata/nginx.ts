import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { ORIGINS } from '../../../packages/connection/src/testdata/servers-origins.js';
import { REQUIRED } from '../../../tests/support/programs.js';
import { temporaryFolder } from './stage.js';

const nginx = ORIGINS.find(({ name }) => name === 'nginx')!;

/** Whether its tests are skipped: nginx is missing, and not required. */
export const nginxAbsent = nginx.missing !== undefined && !REQUIRED;

/** nginx on the loopback interface. It serves `folder`, and accepts PUT below `/upload/`. */
export async function startNginx(): Promise<{ folder: string; port: number }> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'upload'));
  const { server, ports } = await nginx.start(folder);
  onTestFinished(() => server.close());
  return { folder, port: ports.steady };
}
