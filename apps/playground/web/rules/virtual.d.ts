/** What behaviour-plugin.ts makes of docs/behaviour.md. */
declare module 'virtual:behaviour' {
  const sections: unknown;
  export default sections;
}
