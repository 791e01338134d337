/** The JSON files in the packages' `testdata`, by their address; `bundle.js` makes the module. */
declare module 'recordings' {
  const recordings: Readonly<Record<string, string>>;
  export default recordings;
}
