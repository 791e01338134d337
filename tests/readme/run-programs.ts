import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { ROOT } from '../../scripts/workspaces.js';
import type { Program } from './programs.js';

/** A program that has not ended after this long is taken to hang. */
const PATIENCE = 30_000;

/**
 * Programs in a folder of the workspace, so that their imports find the packages as they are built. Each file has as
 * many blank lines before its code as the README has lines, so that what compiler and runtime say names the README's.
 */
export class Workbench {
  readonly #folder: string;
  readonly #diagnostics = new Map<string, string[]>();

  constructor(readonly programs: readonly Program[]) {
    // Ignored by git, the linter and the formatter.
    mkdirSync(join(ROOT, 'tests/temp'), { recursive: true });
    this.#folder = mkdtempSync(join(ROOT, 'tests/temp/programs-'));
    for (const program of programs) {
      writeFileSync(this.#file(program, 'mts'), '\n'.repeat(program.line - 1) + program.code);
    }
    this.#compile();
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** What the compiler has against the program. */
  diagnostics(program: Program): readonly string[] {
    return this.#diagnostics.get(this.#file(program, 'mts')) ?? [];
  }

  /** Runs the program: nothing where it ended well, else what went wrong, with what it printed. */
  run(program: Program): Promise<string | undefined> {
    const child = spawn(process.execPath, ['--enable-source-maps', this.#file(program, 'mjs')], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
    }
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        const end = signal === null ? `ended with exit code ${code}` : `had not ended after ${PATIENCE} ms`;
        resolve(code === 0 ? undefined : `the program ${end}\n${printed}`);
      });
    });
  }

  #file({ readme, line }: Program, extension: string): string {
    return join(this.#folder, `${readme.replaceAll('/', '-')}-${line}.${extension}`);
  }

  #compile(): void {
    const program = ts.createProgram(
      this.programs.map((each) => this.#file(each, 'mts')),
      {
        module: ts.ModuleKind.NodeNext,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
        types: ['node'],
        strict: true,
        skipLibCheck: true,
        inlineSourceMap: true,
        inlineSources: true,
      },
    );
    for (const { file, start, messageText } of [
      ...ts.getPreEmitDiagnostics(program),
      ...program.emit().diagnostics,
    ]) {
      if (file === undefined) throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      const line = ts.getLineAndCharacterOfPosition(file, start ?? 0).line + 1;
      const list = this.#diagnostics.get(file.fileName) ?? [];
      list.push(`line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
      this.#diagnostics.set(file.fileName, list);
    }
  }
}
