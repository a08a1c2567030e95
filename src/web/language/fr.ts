import type { Observation } from '../../workshop/server/protocol.ts'
import type { Words } from './en.ts'

const quoted = (text: string) => `« ${text} »`

function sees(observation: Observation): string {
  switch (observation.what) {
    case 'no-image':
      return observation.name ? `pas encore d’image ${observation.name}` : 'pas encore d’image de ce genre'
    case 'image-differs':
      return `l’image ${observation.name} est là ; son ${observation.field} est ${observation.found || 'différent'}`
    case 'no-container':
      return `pas encore de conteneur de ${observation.name}`
    case 'container-state':
      return `le conteneur ${observation.name} (${observation.image}) est ${fr.states[observation.state as keyof typeof fr.states] ?? observation.state}${observation.state === 'exited' ? `, code ${observation.exitCode}` : ''}`
    case 'container-published':
      return observation.published === 'none'
        ? `le conteneur ${observation.name} de ${observation.image} est là, rien n’est publié`
        : `le conteneur ${observation.name} publie ${observation.published}`
    case 'container-listens':
      return observation.listens === 'none'
        ? `dans ${observation.name}, personne n’écoute encore`
        : `dans ${observation.name}, le programme écoute sur ${observation.listens}`
    case 'container-differs':
      return `le conteneur ${observation.name} est là ; son ${observation.field} est ${observation.found || 'différent'}`
    case 'count':
      return `${observation.found} de ${observation.of}`
    case 'no-network':
      return `pas encore de réseau ${observation.name}`
    case 'network-lacks':
      return `le réseau ${observation.name} est là, ${observation.container} n’y est pas`
    case 'no-volume':
      return `pas encore de volume ${observation.name}`
    case 'exists':
      return `${observation.name} est là`
    case 'http-failed':
      return `${observation.url} : ${observation.how === 'refused' ? 'connexion refusée' : observation.how === 'timeout' ? 'pas de réponse' : 'connexion fermée sans réponse'}`
    case 'http-answer':
      return `${observation.url} répond ${observation.status} ${quoted(observation.body.trim().slice(0, 60))}`
    case 'no-file':
      return observation.instead
        ? `pas de fichier ${observation.path}, mais il y a ${observation.instead}`
        : `pas encore de fichier ${observation.path}`
    case 'file-differs':
      return `${observation.path} est là, pas encore comme il faut`
    case 'not-answered':
      return 'votre réponse'
    case 'wrong-answer':
      return 'ce n’est pas encore ça'
    case 'not-yet':
      return `${observation.action} : pas encore`
    case 'not-typed':
      return 'la commande n’a pas encore été tapée'
    case 'script':
      return observation.output || 'pas encore'
  }
}

export const fr: Words = {
  name: 'Français',
  workshop: 'Atelier',
  lesson: 'Leçon',
  picture: 'Image',
  terminal: 'Terminal',
  editor: 'Éditeur',
  browser: 'Navigateur',
  map: 'Toutes les leçons',
  close: 'Fermer',
  undo: 'Annuler',
  undoTitle: 'Revenir avant la dernière tâche réussie',
  reset: 'Recommencer',
  resetTitle: 'Reprendre cette leçon au début ; vos fichiers sont mis de côté',
  resetSure:
    'Reprendre cette leçon au début ? Ce qu’elle a fabriqué est supprimé ; vos fichiers sont mis de côté, pas effacés.',
  help: 'Aide',
  theme: 'Couleurs',
  themes: { auto: 'comme le système', light: 'clair', dark: 'sombre', contrast: 'contraste fort' },
  layout: 'Disposition',
  layouts: { read: 'Lire', do: 'Faire', watch: 'Regarder', projector: 'Projecteur' },
  minutes: (n) => `${n} min`,
  taskDone: (seconds) => `fait (${seconds.toLocaleString('fr', { maximumFractionDigits: 1 })} s)`,
  taskDoneEarlier: 'fait',
  watching: 'j’attends',
  wasFine: 'c’était bon, puis',
  seen: 'vu',
  sees,
  hint: (n, of) => `Indice ${n}/${of}`,
  solution: 'Solution',
  insert: 'Insérer dans le terminal',
  copy: 'Copier',
  predict: 'Avant de lancer',
  yourGuess: 'Votre pronostic',
  right: 'Bien vu.',
  wrong: 'Le moteur fait autre chose.',
  answer: 'Votre réponse',
  send: 'Envoyer',
  why: 'Pourquoi',
  break: 'Cassez-le',
  debrief: 'À retenir',
  real: 'Dans la vraie vie',
  golf: 'Par',
  challenge: 'Défi',
  story: 'L’histoire',
  concept: 'Mot',
  optional: 'facultatif',
  next: 'Leçon suivante',
  previous: 'Leçon précédente',
  lessonDone: 'Leçon terminée !',
  asList: 'En liste',
  asPicture: 'En image',
  fit: 'Ajuster',
  pause: 'Pause',
  play: 'En direct',
  back: 'Un événement en arrière',
  forward: 'Un événement en avant',
  past: (n) => `il y a ${n} événements`,
  images: 'Images',
  containers: 'Conteneurs',
  networks: 'Réseaux',
  volumes: 'Volumes',
  machine: 'Votre machine',
  empty: 'Rien encore. La première commande dessinera quelque chose ici.',
  layers: (n) => (n < 2 ? `${n} couche` : `${n} couches`),
  noName: '<none>',
  states: {
    created: 'créé',
    running: 'en marche',
    paused: 'en pause',
    restarting: 'redémarre',
    removing: 'en suppression',
    exited: 'arrêté',
    dead: 'mort',
  },
  code: (n) => `code ${n}`,
  door1: 'processus',
  door2: 'mur',
  door3: 'votre machine',
  sticker: (port) => `EXPOSE ${port}`,
  published: (from, to) => `${from} → ${to}`,
  showIt: 'La commande qui le montre',
  goal: 'à faire',
  writable: 'couche modifiable',
  disconnected: 'La connexion est perdue. Nouvel essai…',
  engineGone: 'Le moteur ne répond pas. `manufacture up` le ramène ; cette page reprendra toute seule.',
  newTerminal: 'Nouveau terminal',
  terminalEnded: 'Le shell est terminé.',
  leaveTerminal: 'Maj+Tab quitte le terminal',
  screenReader: 'Lecteur d’écran',
  saved: 'enregistré',
  unsaved: 'non enregistré',
  save: 'Enregistrer',
  conflict: 'Ce fichier a aussi changé sur le disque. Rien n’est perdu : choisissez le texte qui reste.',
  keepMine: 'Garder le mien',
  takeDisk: 'Prendre celui du disque',
  files: 'Fichiers',
  address: 'Adresse',
  go: 'Aller',
  openOutside: 'Ouvrir dans un onglet',
  onlyLocal: 'Seulement des adresses de cette machine : http://localhost:…',
  preparing: 'Préparation de l’atelier…',
  explain: 'Explique',
  noLessons: 'Aucune leçon n’est installée.',
  problems: (n) => `${n} erreurs dans des fichiers de leçon`,
  shortcuts: {
    title: 'Touches',
    f6: 'panneau suivant, Maj+F6 le précédent',
    help: 'cette aide',
    map: 'toutes les leçons',
    arrows: 'leçon suivante et précédente',
    leave: 'quitter le terminal',
  },
  captions: {
    create: (name, image) => `Le conteneur ${name} est créé à partir de ${image}.`,
    start: (name) => `Le conteneur ${name} tourne.`,
    die: (name, code) => `Le conteneur ${name} s’est arrêté, code ${code}.`,
    destroy: (name) => `Le conteneur ${name} est supprimé.`,
    pause: (name) => `Le conteneur ${name} est en pause.`,
    unpause: (name) => `Le conteneur ${name} reprend.`,
    kill: (name, signal) => `Signal ${signal} vers ${name}.`,
    pull: (name) => `L’image ${name} est arrivée.`,
    tag: (name) => `Le nom ${name} désigne une image.`,
    untag: (name) => `Le nom ${name} est retiré.`,
    delete: (name) => `L’image ${name} est effacée.`,
    networkCreate: (name) => `Le réseau ${name} est là.`,
    networkDestroy: (name) => `Le réseau ${name} n’est plus là.`,
    volumeCreate: (name) => `Le volume ${name} est là.`,
    volumeDestroy: (name) => `Le volume ${name} n’est plus là.`,
    task: 'Tâche réussie.',
  },
}
