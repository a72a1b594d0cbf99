// Loaded before a console: its wall clock jumps by ten minutes, back by twenty, and so on, at each SIGUSR2. What is measured
// by the monotonic clock stays as it is.
const RealDate = Date;
const jumps = [600_000, -1_200_000, 86_400_000, -86_400_000];
let offset = 0;
let next = 0;

class JumpingDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offset);
    else super(...args);
  }
  static now() {
    return RealDate.now() + offset;
  }
}
// Own ones, because Next copies those of the Date that it finds.
JumpingDate.parse = RealDate.parse;
JumpingDate.UTC = RealDate.UTC;
globalThis.Date = JumpingDate;
process.on('SIGUSR2', () => {
  offset += jumps[next++ % jumps.length];
});
