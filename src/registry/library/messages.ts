export type Language = 'en' | 'fr'

/** What a pull says while an image is assembled. */
export interface LibraryMessages {
  readonly assembling: (name: string, source: string) => string
  readonly ready: (name: string, source: string) => string
  readonly outdated: (name: string) => string
  readonly waiting: string
  readonly phases: {
    readonly lists: string
    readonly download: string
    readonly extract: string
    readonly essential: string
    readonly install: string
    readonly clean: string
    readonly pack: string
    readonly done: string
  }
}

const en: LibraryMessages = {
  assembling: (name, source) =>
    `Docker Hub cannot be reached: assembling ${name} from the Debian archive (${source}); it is not Docker Hub's own image`,
  ready: (name, source) =>
    `Docker Hub cannot be reached: ${name} comes from the library on this machine, assembled from the Debian archive (${source})`,
  outdated: (name) =>
    `The Debian archive cannot be reached: ${name} is taken as an earlier version of this program assembled it`,
  waiting: 'Waiting for another process that assembles it',
  phases: {
    lists: 'Reading package lists',
    download: 'Downloading packages',
    extract: 'Extracting packages',
    essential: 'Installing essential packages',
    install: 'Installing packages',
    clean: 'Cleaning up',
    pack: 'Packing layer',
    done: 'Assembled',
  },
}

const fr: LibraryMessages = {
  assembling: (name, source) =>
    `Docker Hub est injoignable : assemblage de ${name} à partir de l'archive Debian (${source}) ; ce n'est pas l'image de Docker Hub`,
  ready: (name, source) =>
    `Docker Hub est injoignable : ${name} vient de la bibliothèque de cette machine, assemblée à partir de l'archive Debian (${source})`,
  outdated: (name) =>
    `L'archive Debian est injoignable : ${name} est prise telle qu'une version précédente de ce programme l'a assemblée`,
  waiting: "En attente d'un autre processus qui l'assemble",
  phases: {
    lists: 'Lecture des listes de paquets',
    download: 'Téléchargement des paquets',
    extract: 'Extraction des paquets',
    essential: 'Installation des paquets essentiels',
    install: 'Installation des paquets',
    clean: 'Nettoyage',
    pack: 'Préparation de la couche',
    done: 'Assemblée',
  },
}

export const libraryMessages: Record<Language, LibraryMessages> = { en, fr }
