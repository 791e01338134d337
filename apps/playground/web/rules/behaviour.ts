import behaviour from 'virtual:behaviour';

import type { RuleSection } from './document.js';

/** docs/behaviour.md, which the build gives as it gives RuleSections. */
export const sections = behaviour as readonly RuleSection[];
