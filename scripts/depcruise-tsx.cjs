// dependency-cruiser parses TypeScript with swc but never says which files hold JSX; loaded before it, this does.
const swc = require('@swc/core');

const parseFileSync = swc.parseFileSync;
swc.parseFileSync = (file, options) => parseFileSync.call(swc, file, { ...options, tsx: file.endsWith('.tsx') });
