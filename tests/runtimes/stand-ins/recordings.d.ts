/** The JSON files in the packages' `testdata`, by URL; `bundle.js` generates this module. */
declare module 'recordings' {
  const recordings: Readonly<Record<string, string>>;
  export default recordings;
}
