import { spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { newFolder } from '../support/folders.js';
import { printsOf, type Program } from './programs.js';

/** A program that has not ended after this many milliseconds is considered to hang. */
const PATIENCE = 300_000;

/** The reference's Python if it is installed, otherwise any from 3.11: they print the same. */
export const python = ['python3.13', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0,
);

/**
 * Compiles and runs programs in a folder of the workspace, where their imports find the built packages. Each file
 * begins with as many empty lines as the document has lines before the program, so that line numbers in messages of the
 * compiler and the runtime are those of the document.
 */
export class Workbench {
  readonly #folder = newFolder();
  readonly #diagnostics = new Map<string, string[]>();

  constructor(readonly programs: readonly Program[]) {
    for (const program of programs) {
      writeFileSync(this.#source(program), '\n'.repeat(program.line - 1) + program.code);
    }
    this.#compile();
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** The compiler's messages about the program. */
  diagnostics(program: Program): readonly string[] {
    return this.#diagnostics.get(this.#source(program)) ?? [];
  }

  /** Runs the program. Resolves with undefined if it succeeded, otherwise with the reason and what it printed. */
  run(program: Program): Promise<string | undefined> {
    const [command, ...args] =
      program.language === 'ts'
        ? [process.execPath, '--enable-source-maps', this.#file(program, 'mjs')]
        : [python ?? 'python3', this.#source(program)];
    const child = spawn(command, args, {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    const said = { stdout: '', both: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
      said.both += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.both += text));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        const end = signal === null ? `ended with exit code ${code}` : `had not ended after ${PATIENCE} ms`;
        if (code === 0) resolve(notPrinted(program, said.stdout));
        else resolve(`the program ${end}\n${said.both}`);
      });
    });
  }

  #source(program: Program): string {
    return this.#file(program, program.language === 'ts' ? 'mts' : 'py');
  }

  #file({ file, line }: Program, extension: string): string {
    return join(this.#folder, `${file.replaceAll('/', '-')}-${line}.${extension}`);
  }

  #compile(): void {
    const program = ts.createProgram(
      this.programs.filter(({ language }) => language === 'ts').map((each) => this.#source(each)),
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

/** A message about the first expected line that is not in the output, after the expected lines before it. */
function notPrinted(program: Program, stdout: string): string | undefined {
  let rest = stdout.split('\n');
  for (const promised of printsOf(program)) {
    const at = rest.indexOf(promised);
    if (at < 0) return `the program did not print ${JSON.stringify(promised)}\n${stdout}`;
    rest = rest.slice(at + 1);
  }
  return undefined;
}
