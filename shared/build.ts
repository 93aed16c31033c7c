/** The version both processes report; packaging replaces it when it bundles. */
export const BUILD = process.env['XG2G_BUILD'] ?? '0.1.0-dev';
