/** Who writes run files and answers `--version`; a test keeps it equal to package.json. */
export const VERSION = '0.2.0';
export const WRITTEN_BY = `ohem-lens ${VERSION}`;
