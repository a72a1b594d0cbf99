/** Seeds of a property: as many as `--seeds` says, or few enough for every run of the tests. */
export const seedsOr = (few: number): number => Number(process.env.FAULTS_SEEDS ?? few);

/** Another start for each run, unless one is to be repeated; it is printed with what it found. */
export const FIRST_SEED = Number(process.env.FAULTS_FIRST_SEED ?? 1);
