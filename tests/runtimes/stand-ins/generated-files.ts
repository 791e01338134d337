/** Nothing to compare: generated files are compared with their table only where there are files. */
export const files = { 'what is written': '' };
