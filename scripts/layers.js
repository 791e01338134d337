// Checks the imports: the rules of .dependency-cruiser.js, and that each package.json declares exactly the workspace
// packages that its sources import: npm run layers

import { parseArguments } from './arguments.js';
import { checkLayers } from './check-layers.js';
import { ROOT } from './workspaces.js';

parseArguments({ options: {} });
const faults = await checkLayers(ROOT);
for (const fault of faults) console.log(fault);
if (faults.length > 0) process.exitCode = 1;
