import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { folderOf } from '../support/folders.js';

// A step of the gate (npm run api:check) checks that the reports of the repository are up to date.
test('reports each way in which the reports and the build differ, and corrects it', () => {
  const folder = folderOf({});
  const reports = join(ROOT, 'etc');
  cpSync(reports, folder, { recursive: true });

  const plant = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(folder, file), text.replace(from, to));
  };
  const api = (...args: string[]): { status: number | null; stdout: string } =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/api.js'), '--folder', folder, ...args], {
      encoding: 'utf8',
      // A diff tool that the user has chosen, and that shows nothing.
      env: { ...process.env, GIT_EXTERNAL_DIFF: 'true' },
    });

  plant('io.api.md', 'export function decodeLatin1', 'export function decodeLatin2');
  // In a type that is not exported itself.
  plant('body.api.md', 'releaseLock(): void', 'releaseLock(): boolean');
  plant('internal.api.md', 'export function checkLatin1', 'export function checkLatin2');
  rmSync(join(folder, 'tls.api.md'));
  writeFileSync(join(folder, 'gone.api.md'), '');
  const { status, stdout } = api('--check');
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /io\.api\.md differs from the build(.|\n)*-export function decodeLatin2(.|\n)*\+export function decodeLatin1/,
  );
  expect(stdout).toMatch(/body\.api\.md differs from the build(.|\n)*\+ +releaseLock\(\): void/);
  expect(stdout).toMatch(/internal\.api\.md differs from the build(.|\n)*\+export function checkLatin1/);
  expect(stdout).toMatch(/tls\.api\.md differs from the build/);
  expect(stdout).toMatch(/gone\.api\.md belongs to no package entry/);
  expect(stdout).not.toMatch(/(status|errors|headers|tunnel|connection|client)\.api\.md/);

  expect(api().status).toBe(0);
  const texts = (path: string): string[] =>
    readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'));
  expect(texts(folder)).toEqual(texts(reports));
});
