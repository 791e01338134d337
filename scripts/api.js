// Writes down what each package exports, as a user's compiler sees it: one report for each entry, in etc/.
//
//     node scripts/api.js [folder]            writes the reports
//     node scripts/api.js --check [folder]    says where a report and what is built differ, and fails
//
// It reads the declarations in dist, so build first. A change of a report is a change of the API: it is seen in the
// review, and has its changeset.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

import { LAYERS } from '../layers.js';
import { ROOT } from './workspaces.js';

const FRESH = join(ROOT, 'node_modules/.cache/api');

/**
 * The entries of the packages that have types, each with the name of its report.
 *
 * @returns {{ name: string; folder: string; types: string }[]}
 */
export function entries() {
  return LAYERS.flatMap((layer) => {
    const folder = join(ROOT, 'packages', layer);
    /** @type {{ exports: Record<string, string | { import: { types: string } }> }} */
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string'
        ? []
        : [
            {
              name: [layer, ...path.split('/').slice(1)].join('-'),
              folder,
              types: join(folder, target.import.types),
            },
          ],
    );
  });
}

/** @param {string} name */
const reportOf = (name) => `${name}.api.md`;

/**
 * @param {{ name: string; folder: string; types: string }} entry
 * @param {string[]} files What is compiled.
 */
function configure({ name, folder, types }, files) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2022',
            lib: ['ES2023', 'ESNext.Disposable'],
            module: 'NodeNext',
            moduleResolution: 'NodeNext',
            types: ['node'],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
          },
          files,
        },
      },
      apiReport: {
        enabled: true,
        // What is not exported but stands in a signature is as public as the signature.
        includeForgottenExports: true,
        reportFileName: reportOf(name),
        reportFolder: FRESH,
        reportTempFolder: join(FRESH, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // They are about the form of the comments, and about release tags: here all is public but what says @internal.
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

/**
 * Writes the reports into `folder`, or with `check` only compares them with what is built: what is wrong, one text each.
 *
 * @param {string} folder
 * @param {boolean} check
 */
function report(folder, check) {
  rmSync(FRESH, { recursive: true, force: true });
  mkdirSync(FRESH, { recursive: true });
  const all = entries();
  const files = all.map(({ types }) => types);
  const configs = all.map((entry) => configure(entry, files));
  // One program for all of them: each of its own takes seconds.
  const compilerState = CompilerState.create(/** @type {ExtractorConfig} */ (configs[0]), {
    additionalEntryPoints: files,
  });
  /** @type {string[]} */
  const faults = [];
  for (const config of configs) {
    Extractor.invoke(config, {
      compilerState,
      localBuild: true,
      messageCallback(message) {
        message.handled = true;
        if (message.logLevel === 'error') faults.push(message.formatMessageWithLocation(ROOT));
      },
    });
    const fresh = config.reportFilePath;
    writeFileSync(fresh, withoutRemarks(readFileSync(fresh, 'utf8')));
    const kept = join(folder, basename(fresh));
    const diff = difference(kept, fresh);
    if (diff === '') continue;
    const path = relative(ROOT, kept);
    if (check) faults.push(`${path} says otherwise than what is built.\n${diff}`);
    else {
      mkdirSync(folder, { recursive: true });
      copyFileSync(fresh, kept);
      console.log(`${path} is written anew`);
    }
  }
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (all.some(({ name }) => file === reportOf(name))) continue;
    if (check) faults.push(`${relative(ROOT, join(folder, file))} is of no entry of any package.`);
    else rmSync(join(folder, file));
  }
  return faults;
}

/**
 * A report without what it says of the comments: to explain something is no change of the API.
 *
 * @param {string} text
 */
function withoutRemarks(text) {
  return text.replace(/^ *\/\/ \(undocumented\)\n/gm, '').replace(/ \(undocumented\)$/gm, '');
}

/**
 * @param {string} kept
 * @param {string} fresh
 */
function difference(kept, fresh) {
  const before = existsSync(kept) ? kept : '/dev/null';
  // It ends with 1 where there is one.
  const { stdout } = spawnSync('git', ['diff', '--no-index', '--no-color', '--', before, fresh], {
    encoding: 'utf8',
  });
  return stdout.split('\n').slice(4).join('\n').trimEnd();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const faults = report(resolve(positionals[0] ?? join(ROOT, 'etc')), values.check);
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) {
    if (values.check) console.log('Where that is meant: npm run api, and a changeset for the package.');
    process.exitCode = 1;
  }
}
