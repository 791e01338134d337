/**
 * Replaces `const` or `let` at the beginning of the input with `var`, so that it can be entered again, with the arrow
 * key or in another session of the documentation. Otherwise declaring the name a second time would be an error.
 */
export function redeclarable(code: string): string {
  return code.replace(/^(\s*)(?:const|let)(?=\s+[\p{ID_Start}$_{[]|[{[])/u, '$1var');
}
