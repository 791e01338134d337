/** What is written from a table is compared with the table where there are files. */
export const files = { 'what is written': '' };
