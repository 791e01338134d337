import behaviour from 'virtual:behaviour';

import type { RuleSection } from './document.js';

/** docs/behaviour.md, which behaviour-plugin.ts turns into RuleSections. */
export const sections = behaviour as readonly RuleSection[];
