// Imported by scripts that print line after line: once whoever reads has gone (`| head`), there is nobody to work for,
// and the script ends without a word. Its exit code is that of a program which the system ends so, since what it was
// to judge has not been judged.

/** 128 and the number of SIGPIPE. */
const EXIT_CODE = 141;

process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
  process.exit(EXIT_CODE);
});
