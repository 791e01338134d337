import { library } from '../../tsup.shared.js';

export default library({ platform: 'node', entry: ['src/index.ts', 'src/testing.ts'] });
