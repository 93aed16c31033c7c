/** The version of the protocol that is spoken; clients speak that or less. */
export const HTSP_VERSION = 35;
