import { main } from './fuzz-command.js';

process.exitCode = await main(process.argv.slice(2), console.log);
