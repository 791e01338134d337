/**
 * A line that begins with `const` or `let`, as one with `var`: so it can be typed again, with the arrow key or from the
 * next session of the documentation, where it would be an error that the name has been declared.
 */
export function redeclarable(code: string): string {
  return code.replace(/^(\s*)(?:const|let)(?=\s+[\p{ID_Start}$_{[]|[{[])/u, '$1var');
}
