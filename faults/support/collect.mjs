// Loaded before a console whose memory is measured: collects its garbage at each SIGUSR2.
process.on('SIGUSR2', () => globalThis.gc?.());
