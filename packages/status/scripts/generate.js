// Writes the source files that contain the table of status codes: npm run generate

import { writeFileSync } from 'node:fs';

import { parseArguments } from '../../../scripts/arguments.js';
import { files, locate } from './generated-files.js';

parseArguments({ options: {} });
for (const [path, text] of Object.entries(files)) writeFileSync(locate(path), text);
