export const dev = async (): Promise<number> => 0;
