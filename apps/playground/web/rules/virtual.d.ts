/** The module that behaviour-plugin.ts makes from docs/behaviour.md. */
declare module 'virtual:behaviour' {
  const sections: unknown;
  export default sections;
}
