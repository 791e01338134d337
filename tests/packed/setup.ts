import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { pack, stage, type Packed } from '../../scripts/stage.js';
import { install } from './project.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packages, packed as they would be published. */
    packed: Packed[];
    /** A project outside the workspace that has all of them. */
    project: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  // Its real path, which is the one that Node and the compiler print.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'http-client-packed-')));
  const remove = (): void => {
    rmSync(folder, { recursive: true });
  };
  try {
    const staged = join(folder, 'staged');
    stage(staged);
    const packed = pack(staged, join(folder, 'tarballs'));
    const project = join(folder, 'project');
    install(
      project,
      packed.map(({ tarball }) => tarball),
    );
    provide('packed', packed);
    provide('project', project);
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}
