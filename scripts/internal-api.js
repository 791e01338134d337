import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import ts from 'typescript';

import { LAYERS } from '../layers.js';
import { ROOT } from './workspaces.js';

/**
 * Declares what the packages export for one another: what an index file exports under `@internal`. It is absent from
 * the declarations in dist, and just as much relied upon: an older package may be installed with a newer one below it.
 *
 * @returns {string}
 */
export function internalReport() {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    { noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic({ messageText }) {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  const indexes = LAYERS.map((layer) => join(ROOT, 'packages', layer, 'src/index.ts'));
  const program = ts.createProgram(indexes, config?.options ?? {});
  const sections = indexes.flatMap((index, at) => {
    const found = internalExports(index, program);
    return found.length === 0 ? [] : [`## ${LAYERS[at]}`, `\`\`\`ts\n${found.join('\n\n')}\n\`\`\``];
  });
  return `${['# What the packages export for one another', ...sections].join('\n\n')}\n`;
}

/**
 * @param {string} index
 * @param {ts.Program} program
 * @returns {string[]} one text each
 */
function internalExports(index, program) {
  return statementsOf(index, readFileSync(index, 'utf8')).flatMap((statement) => {
    const isInternal = ts.getJSDocTags(statement).some(({ tagName }) => tagName.text === 'internal');
    if (!isInternal || !ts.isExportDeclaration(statement)) return [];
    const { exportClause: names, moduleSpecifier: from } = statement;
    if (from === undefined || !ts.isStringLiteral(from) || names === undefined || !ts.isNamedExports(names))
      throw new Error(`${index}: expected export { … } from '…' in ${statement.getText()}`);
    const file = program.getSourceFile(join(dirname(index), from.text.replace(/\.js$/, '.ts')));
    // What comes from another package is declared there.
    if (file === undefined) return [statement.getText()];
    const declarations = declarationsOf(file, program);
    return names.elements.flatMap(({ name }) => {
      const found = declarations.filter((declaration) => declares(declaration, name.text));
      if (found.length === 0) throw new Error(`${file.fileName} declares no ${name.text}`);
      return found.map((declaration) => declaration.getText().replace('export declare ', 'export '));
    });
  });
}

/**
 * @param {ts.SourceFile} file
 * @param {ts.Program} program
 */
function declarationsOf(file, program) {
  /** @type {readonly ts.Statement[]} */
  let declarations = [];
  program.emit(file, (path, text) => (declarations = statementsOf(path, text)), undefined, true);
  return declarations;
}

/**
 * @param {string} path
 * @param {string} text
 */
function statementsOf(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true).statements;
}

/**
 * @param {ts.Statement} statement
 * @param {string} name
 */
function declares(statement, name) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name);
  return 'name' in statement && /** @type {ts.DeclarationStatement} */ (statement).name?.text === name;
}
