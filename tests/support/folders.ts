import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { onTestFinished } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';

/** Files, by their paths in a folder. */
type Files = Readonly<Record<string, string>>;

/** A new folder in the workspace, so that its tools and packages are found. Git, the linter and the formatter ignore it. */
export function newFolder(): string {
  const parent = join(ROOT, 'tests/temp');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'test-'));
}

/** Such a folder with these files, removed after the test. */
export function folderOf(files: Files): string {
  return filled(newFolder(), files);
}

/** A folder outside the workspace with these files, removed after the test. */
export function temporaryFolder(files: Files = {}): string {
  return filled(mkdtempSync(join(tmpdir(), 'http-client-test-')), files);
}

function filled(folder: string, files: Files): string {
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
