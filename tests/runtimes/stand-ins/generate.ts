/** A placeholder: generated files can be compared with their table only where there are files. */
export const files = { 'what is written': '' };
