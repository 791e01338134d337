// Records what each package exports, as a user's compiler sees it: one report per entry, in etc/; and in one more, what
// the packages export for one another.
//
//     node scripts/api.js            writes the reports
//     node scripts/api.js --check    prints where a report differs from the build, and fails
//
// `--folder` names another folder than etc, for the test. It is an option, since a mistyped `npm run api check` would
// otherwise write the reports into a folder `check`, and remove whatever else is there.
//
// It reads the declarations in dist, so build first. A changed report is a changed API: reviewers see it in the diff,
// and it needs a changeset.

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
import { join, relative, resolve } from 'node:path';

import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

import { LAYERS } from '../layers.js';
import { parseArguments } from './arguments.js';
import { internalReport } from './internal-api.js';
import { ROOT } from './workspaces.js';

const FRESH = join(ROOT, 'node_modules/.cache/api');
/** The report on what the packages export for one another. */
const INTERNAL = 'internal';

/**
 * The packages' entries that have types, each with the name of its report.
 *
 * @returns {{ name: string; folder: string; types: string }[]}
 */
function entries() {
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
 * @param {string[]} files the files to compile
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
        // A type that is not exported but occurs in a signature is as public as the signature.
        includeForgottenExports: true,
        reportFileName: reportOf(name),
        reportFolder: FRESH,
        reportTempFolder: join(FRESH, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // These concern the form of comments and release tags: here everything is public unless marked @internal.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

/**
 * Writes the reports into `folder`, or with `check` only compares them with the build.
 *
 * @param {string} folder
 * @param {boolean} check
 * @returns {string[]} the faults found, one text each
 */
function report(folder, check) {
  rmSync(FRESH, { recursive: true, force: true });
  mkdirSync(FRESH, { recursive: true });
  const all = entries();
  const files = all.map(({ types }) => types);
  const configs = all.map((entry) => configure(entry, files));
  // One compilation for all entries: one each would take seconds per entry.
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
  }
  writeFileSync(join(FRESH, reportOf(INTERNAL)), internalReport());
  const names = [...all.map(({ name }) => name), INTERNAL];
  for (const name of names) {
    const fresh = join(FRESH, reportOf(name));
    const text = readFileSync(fresh, 'utf8');
    const kept = join(folder, reportOf(name));
    if (existsSync(kept) && readFileSync(kept, 'utf8') === text) continue;
    const path = relative(ROOT, kept);
    if (check) faults.push(`${path} differs from the build.\n${difference(kept, fresh)}`);
    else {
      mkdirSync(folder, { recursive: true });
      copyFileSync(fresh, kept);
      console.log(`${path} updated`);
    }
  }
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (names.some((name) => file === reportOf(name))) continue;
    if (check) faults.push(`${relative(ROOT, join(folder, file))} belongs to no package entry.`);
    else rmSync(join(folder, file));
  }
  return faults;
}

/**
 * A report without its remarks on missing comments: documenting an export does not change the API.
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
  const args = ['diff', '--no-index', '--no-ext-diff', '--no-color', '--', before, fresh];
  // The exit code is 1 if the files differ, so it is not an error.
  const { stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return stdout.split('\n').slice(4).join('\n').trimEnd();
}

const { values } = parseArguments({
  options: {
    check: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(ROOT, 'etc') },
  },
});
const faults = report(resolve(values.folder), values.check);
for (const fault of faults) console.log(fault);
if (faults.length > 0) {
  if (values.check)
    console.log('If the change is intended, run npm run api and add a changeset for the package.');
  process.exitCode = 1;
}
