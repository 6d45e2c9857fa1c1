/** Vite: the address of the file that is made for a worker. */
declare module "*?worker&url" {
  const url: string;
  export default url;
}
