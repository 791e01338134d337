// Imported by scripts that print line by line: once the reader of the output has gone (`| head`), the script ends
// silently. Its exit code is that of a program killed by SIGPIPE, not 0: its check is not complete.

/** 128 plus the number of SIGPIPE. */
const EXIT_CODE = 141;

process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
  process.exit(EXIT_CODE);
});
