/** The header that carries a session's token: with every change, and in the local mode with every request. */
export const TOKEN_HEADER = 'x-mc-csrf';
/** Where a page of the local mode keeps it: storage is by port, where cookies are shared by all ports of a host. */
export const TOKEN_STORAGE_KEY = 'mc-session-token';
/** The page's element that carries it in the other modes. */
export const TOKEN_META = 'mc-session-token';
